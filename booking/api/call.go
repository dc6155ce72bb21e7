package api

import (
	"bytes"
	"context"
	"encoding/json"

	"passerelle/booking"
)

// call says who calls, with which key, and what exactly: the route and the body, whose fields may come in any order.
func call(ctx context.Context, route, key string) booking.Call {
	body, _ := ctx.Value(bodyKey{}).([]byte)
	c := caller(ctx)
	c.Key, c.Request = key, append([]byte(route+"\n"), canonical(body)...)
	return c
}

// caller says who calls, where a repeated call needs no key.
func caller(ctx context.Context) booking.Call {
	p := principal(ctx)
	return booking.Call{Partner: p.Partner, Prescriber: p.Prescriber}
}

// canonical is the same for two bodies that say the same. One that is no JSON stays as it came: it is refused anyway.
func canonical(body []byte) []byte {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil {
		return body
	}
	sorted, err := json.Marshal(v) // maps are written by key
	if err != nil {
		return body
	}
	return sorted
}
