// Authorization code: the token request, at http://127.0.0.1:9400
// Secrets are read from the environment.
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;

class TokenRequest {
    static String encoded(String part) {
        return URLEncoder.encode(part, StandardCharsets.UTF_8);
    }

    public static void main(String[] arguments) throws Exception {
        var form = List.of(
            List.of("grant_type", "authorization_code"),
            List.of("code", System.getenv("CODE")),
            List.of("redirect_uri", "http://127.0.0.1:8912/callback"),
            List.of("code_verifier", System.getenv("CODE_VERIFIER"))
        );
        var body = form.stream()
            .map(pair -> encoded(pair.get(0)) + "=" + encoded(pair.get(1)))
            .collect(Collectors.joining("&"));
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:9400/token"))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .header("Accept", "application/json")
            // Each form-encoded (RFC 6749 section 2.3.1).
            .header("Authorization", "Basic " + Base64.getEncoder().encodeToString(
                (encoded("practice-web") + ":" + encoded(System.getenv("CLIENT_SECRET"))).getBytes(StandardCharsets.UTF_8)))
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
        var response = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
        System.out.println(response.statusCode());
        System.out.println(response.body());
    }
}
