package api

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"passerelle/booking"
	"passerelle/connectors"
)

// maxNotification is how much the software of an agenda may say at once, in bytes: it sends whole records.
const maxNotification = 1 << 20

// notified takes what the software of an agenda says of its own accord. It is no operation of the document: each
// software calls as it does. What fails here it sends again, and what it never sends is asked for all the same.
func (s *server) notified(c *gin.Context) {
	body, _ := c.Request.Context().Value(bodyKey{}).([]byte)
	switch err := s.Service.Received(c.Request.Context(), c.Param("agenda"), c.Request.Header, body); {
	case connectors.KindOf(err) == connectors.Refused, connectors.KindOf(err) == connectors.NotFound: // who cannot sign learns of no agenda
		s.refuse(c, &refusal{
			status: http.StatusUnauthorized, code: "signature_refusee", detail: "Cet appel n'est pas signé par le logiciel de l'agenda.", err: err,
		})
	case connectors.KindOf(err) == connectors.Invalid:
		s.refuse(c, unreadable(err))
	case err != nil:
		s.refuse(c, &booking.Error{
			Kind: connectors.Unavailable, Code: "source_en_echec", Detail: "Le logiciel de l'agenda ne répond pas : renvoyez cet appel plus tard.", Err: err,
		})
	default:
		c.Status(http.StatusNoContent)
	}
}
