// ALL_PROXY=socks5://... xnet URL: golang.org/x/net/proxy as the dialer of net/http.
package main

import (
	"io"
	"log"
	"net/http"
	"os"

	"golang.org/x/net/proxy"
)

func main() {
	client := http.Client{Transport: &http.Transport{Dial: proxy.FromEnvironment().Dial}}
	response, err := client.Get(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	io.Copy(os.Stdout, response.Body)
}
