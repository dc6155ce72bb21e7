package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"passerelle/internal/prove/gateway"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "reading FOLDER PARTNER")
		os.Exit(2)
	}
	rows, err := gateway.Holdings(context.Background(), os.LookupEnv, os.Args[1], os.Args[2])
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(rows)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
