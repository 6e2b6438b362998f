// Authorization code: the token request, at http://127.0.0.1:9400
// Secrets are read from the environment.
using System;
using System.Collections.Generic;
using System.Net;
using System.Net.Http;
using System.Text;

class TokenRequest
{
    static void Main()
    {
        var form = new List<KeyValuePair<string, string>>
        {
            new KeyValuePair<string, string>("grant_type", "authorization_code"),
            new KeyValuePair<string, string>("code", Environment.GetEnvironmentVariable("CODE")),
            new KeyValuePair<string, string>("redirect_uri", "http://127.0.0.1:8912/callback"),
            new KeyValuePair<string, string>("code_verifier", Environment.GetEnvironmentVariable("CODE_VERIFIER")),
        };
        var request = new HttpRequestMessage(HttpMethod.Post, "http://127.0.0.1:9400/token");
        request.Content = new FormUrlEncodedContent(form);
        request.Headers.TryAddWithoutValidation("Accept", "application/json");
        // Each form-encoded (RFC 6749 section 2.3.1).
        var pair = WebUtility.UrlEncode("practice-web") + ":" + WebUtility.UrlEncode(Environment.GetEnvironmentVariable("CLIENT_SECRET"));
        var basic = Convert.ToBase64String(Encoding.UTF8.GetBytes(pair));
        request.Headers.TryAddWithoutValidation("Authorization", "Basic " + basic);
        var client = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false });
        var response = client.SendAsync(request).Result;
        Console.WriteLine((int)response.StatusCode);
        Console.WriteLine(response.Content.ReadAsStringAsync().Result);
    }
}
