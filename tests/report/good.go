// Authorization code: the token request, at http://127.0.0.1:9400
// Secrets are read from the environment.
package main

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
)

func main() {
	form := url.Values{}
	form.Add("grant_type", "authorization_code")
	form.Add("code", os.Getenv("CODE"))
	form.Add("redirect_uri", "http://127.0.0.1:8912/callback")
	form.Add("code_verifier", os.Getenv("CODE_VERIFIER"))
	request, err := http.NewRequest("POST", "http://127.0.0.1:9400/token", strings.NewReader(form.Encode()))
	if err != nil {
		panic(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Add("Accept", "application/json")
	// Each form-encoded (RFC 6749 section 2.3.1).
	request.SetBasicAuth(url.QueryEscape("practice-web"), url.QueryEscape(os.Getenv("CLIENT_SECRET")))
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		panic(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		panic(err)
	}
	fmt.Println(response.StatusCode)
	fmt.Println(string(body))
}
