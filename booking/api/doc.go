// Package api is the door for partners: the OpenAPI document (openapi.yaml, the source), the types generated from
// it, handlers, and one writer of problems for every exit.
//
// It is the only package that imports gin, and the only place where the JSON of the wire has a shape. It decides
// nothing: each handler translates, and calls one method of booking.Service, or of booking.Webhooks. What it does decide
// is how many webhooks a partner may have, and that a repeated creation makes no second one (subscribe.go). It must not
// know how messages are signed and sent, nor what the pages show that it hands on to.
package api

//go:generate go tool -modfile=../../internal/tools/go.mod oapi-codegen -config oapi-codegen.yaml openapi.yaml
// What is generated reads the address for each of its parameters: it is read once (query.go). It gives handlers gin's own context: they
// are given one that lasts (api.go).
//go:generate sed -i -e s/c.Request.URL.Query()/query(c)/ -e s/runtime.BindQueryParameterWithOptions(/bindQuery(/ -e "s/(ctx, request.(/(lasting(ctx), request.(/" api.gen.go
