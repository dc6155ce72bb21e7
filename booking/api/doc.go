// Package api is the door for partners: the OpenAPI document (openapi.yaml, the source), the types generated from
// it, handlers, and one writer of problems for every exit.
//
// It is the only package that imports gin, and the only place where the JSON of the wire has a shape. It decides
// nothing: each handler translates, and calls one method of booking.Service.
package api

//go:generate go tool -modfile=../../internal/tools/go.mod oapi-codegen -config oapi-codegen.yaml openapi.yaml
