package api

// explained is what the page says of a code that problems bear. The page has an anchor for each, which is the type of
// the problem (RFC 9457).
type explained struct {
	Status  int
	Code    string
	Meaning string
	Retry   string // does trying again make sense?
}

const (
	never     = "non"
	corrected = "une fois corrigé"
	otherSlot = "avec un autre créneau"
	afterward = "après relecture"
	sameKey   = "oui, avec la même clé"
	waiting   = "oui, après Retry-After"
)

// problems lists every code, by status.
var problems = []explained{
	{202, "incertain", "L'agenda n'a pas répondu : l'issue n'est pas connue, le créneau reste pris.", sameKey},
	{400, "cle_manquante", "L'en-tête Idempotency-Key manque.", "avec une clé"},
	{400, "cle_invalide", "L'en-tête Idempotency-Key dépasse 255 caractères.", "avec une autre clé"},
	{401, "jeton_invalide", "Le jeton manque, n'est plus valable, ou n'est pas de cette passerelle.", "avec un autre jeton"},
	{401, "signature_refusee", "Un logiciel d'agenda appelle sans la signature convenue.", never},
	{403, "portee_manquante", "Le jeton n'a pas la portée qu'il faut ; « champs » dit laquelle.", never},
	{404, "adresse_inconnue", "Cette adresse n'existe pas.", never},
	{404, "lieu_inconnu", "Aucun lieu ne porte cet identifiant.", never},
	{404, "rendez_vous_inconnu", "Ce rendez-vous ou cette réservation n'existe pas, ou est à un autre partenaire.", never},
	{404, "agenda_inconnu", "Aucun agenda raccordé ne porte ce nom, ou il ne demande pas d'autorisation.", never},
	{404, "usager_inconnu", "Rien n'est gardé d'une personne sous cette référence.", never},
	{404, "webhook_inconnu", "Ce webhook n'existe pas, ou est à un autre partenaire.", never},
	{404, "inconnu", "L'agenda du lieu ne connaît pas ce qui est demandé.", never},
	{405, "methode_refusee", "L'adresse existe, pas avec cette méthode ; l'en-tête Allow dit lesquelles.", never},
	{409, "creneau_pris", "Quelqu'un d'autre l'a pris ; « creneaux_proches » en propose d'autres.", otherSlot},
	{409, "non_reservable", "Ce lieu montre ses créneaux et ne se réserve pas par la passerelle ; « lien » est la page où finir, quand il y en a une.", never},
	{409, "annulation_impossible", "L'agenda du lieu ne permet pas d'annuler par la passerelle : appeler le lieu, ou le faire sur sa page (« lien »).", never},
	{409, "rendez_vous_tient", "Le logiciel du lieu dit que ce rendez-vous tient : s'il ne doit pas avoir lieu, l'annuler.", never},
	{409, "deplacement_impossible", "Ce rendez-vous a été pris sur la page du lieu (« lien ») : il se déplace là-bas, ou s'annule ici et se reprend.", never},
	{409, "sans_heure", "Personne n'a dit l'heure de ce rendez-vous : il n'y a pas encore de calendrier.", afterward},
	{409, "orientation_impossible", "Ce lieu n'a pas de page de réservation où orienter.", never},
	{409, "demande_expiree", "La demande est arrivée à son terme.", never},
	{409, "agenda_deja_raccorde", "Cet agenda est déjà raccordé sous un autre nom.", never},
	{409, "demande_en_cours", "La même demande est en cours de traitement.", "oui, avec la même clé, après Retry-After"},
	{409, "reservation_expiree", "La réservation est arrivée à son terme.", otherSlot},
	{409, "reservation_utilisee", "La réservation a déjà donné un rendez-vous.", never},
	{409, "prolongation_impossible", "Une réservation se prolonge une fois, avant son terme.", never},
	{409, "rendez_vous_modifie", "Le rendez-vous vient d'être modifié.", afterward},
	{409, "etape_impossible", "Le statut du rendez-vous ne le permet plus.", afterward},
	{409, "trop_tard", "Le délai pour annuler ou déplacer est passé : appeler le lieu.", never},
	{409, "trop_tot", "Le rendez-vous n'a pas commencé : la présence se dit à partir de son heure.", "à l'heure du rendez-vous"},
	{409, "deplacement_en_cours", "Un déplacement de ce rendez-vous attend son issue.", afterward},
	{409, "donnees_effacees", "Les données de la personne ont été effacées : le rendez-vous ne se déplace plus.", never},
	{409, "rendez_vous_a_venir", "La personne a un rendez-vous à venir (« rendez_vous_id ») : l'annuler avant de l'effacer.", "une fois annulé"},
	{409, "rendez_vous_double", "La même personne a déjà un rendez-vous à cette heure : « rendez_vous_id ».", "avec doublon_accepte, si c'est voulu"},
	{409, "trop_de_webhooks", "Un partenaire a dix webhooks au plus.", "une fois l'un d'eux supprimé"},
	{409, "webhook_modifie", "Le webhook vient d'être modifié.", afterward},
	{409, "agenda_refuse", "L'agenda du lieu a refusé ; « lien » est la page où finir, quand il y en a une.", never},
	{409, "conflit", "L'agenda du lieu a changé.", afterward},
	{413, "corps_trop_grand", "Le corps de la demande dépasse 64 ko, ou 1 Mo pour ce que le logiciel d'un agenda envoie.", never},
	{422, "champ_invalide", "Un paramètre ou un champ ne va pas : « champs » nomme chacun et dit pourquoi.", corrected},
	{422, "creneau_invalide", "Ce créneau ne vient pas de cette passerelle : il faut donner tel quel l'id reçu.", otherSlot},
	{422, "creneau_passe", "Ce créneau est passé.", otherSlot},
	{422, "position_inconnue", "Ce journal n'a pas donné cette position : il a été restauré, ou elle est d'ailleurs.", "depuis 0, après avoir relu les rendez-vous"},
	{422, "cle_reutilisee", "Cette clé a servi à une autre demande.", "avec une autre clé"},
	{422, "demande_invalide", "La demande n'a pas pu être lue.", corrected},
	{429, "trop_de_demandes", "Plus d'appels que la limite ; RateLimit-Policy dit laquelle, RateLimit ce qu'il en reste. Rien n'a été fait.", waiting},
	{500, "erreur_interne", "Une faute de la passerelle.", sameKey},
	{502, "agenda_mal_raccorde", "L'agenda du lieu refuse la passerelle ; l'opérateur est prévenu, le lieu est à appeler.", never},
	{503, "source_en_echec", "L'agenda du lieu ne répond pas ; rien n'a été réservé.", waiting},
	{503, "surcharge", "La passerelle reçoit plus de demandes qu'elle n'en peut traiter à la fois. Rien n'a été fait.", waiting},
	{503, "pas_pret", "La passerelle ne peut pas servir en ce moment.", waiting},
}
