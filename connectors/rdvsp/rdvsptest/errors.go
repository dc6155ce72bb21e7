package rdvsptest

import (
	"net/http"
)

// The refusals, word for word.

func unauthenticated() answer {
	return refusal(http.StatusUnauthorized, "Vous devez vous connecter ou vous inscrire pour continuer.")
}

func forbidden() answer {
	return answer{status: http.StatusForbidden, body: document{
		{"errors", []resource{{"base": "forbidden"}}},
		{"error_messages", []string{"Vous n’avez pas les droits suffisants pour accéder à cette page ou effectuer cette action"}},
	}}
}

// missing is the refusal of the routes that name what they did not find.
func missing(what string) answer {
	return answer{status: http.StatusNotFound, body: document{{"not_found", what}}}
}

// notFound is that of the others, which let the data base speak.
func notFound(model string) answer {
	return refusal(http.StatusNotFound, "Couldn't find "+model)
}

func internalError() answer {
	return refusal(http.StatusInternalServerError, "Unexpected internal error")
}

func refusal(status int, text string) answer {
	return answer{status: status, body: document{{"errors", []string{text}}}}
}

// fieldError is one thing that is wrong with a field: for the machine, and for the reader.
type fieldError struct {
	field, message string
	detail         resource
}

func blank(field string) fieldError {
	return fieldError{field, "doit être rempli(e)", resource{"error": "blank"}}
}

// unprocessable lists what is wrong. The software said "success":false beside it until 2025.
func unprocessable(wrong ...fieldError) answer {
	details, messages := make(map[string][]resource), []string{}
	for _, w := range wrong {
		details[w.field] = append(details[w.field], w.detail)
		messages = append(messages, w.field+" "+w.message)
	}
	return answer{status: http.StatusUnprocessableEntity, body: document{{"errors", details}, {"error_messages", messages}}}
}
