// The places of the list, on a map under it. Where the map cannot be had, the list says the same.
"use strict";

for (const section of document.querySelectorAll("[data-carte]")) {
	const places = [...document.querySelectorAll("[data-lat]")];
	const ground = section.querySelector("[data-tuiles]");
	if (!window.L || places.length === 0) continue;
	section.hidden = false;
	const map = L.map(ground, { scrollWheelZoom: false, zoomControl: false });
	L.control.zoom({ zoomInTitle: "Voir de plus près", zoomOutTitle: "Voir de plus loin" }).addTo(map);
	map.attributionControl.setPrefix(false);
	L.tileLayer(ground.dataset.tuiles, { attribution: ground.dataset.mention, maxZoom: 18 })
		.on("tileerror", () => { section.querySelector("[data-muette]").hidden = false; })
		.addTo(map);
	const points = places.map((place) => {
		const at = [Number(place.dataset.lat), Number(place.dataset.lon)];
		const name = place.querySelector("h3 a");
		const words = document.createElement("a");
		words.href = name.href;
		words.textContent = name.textContent;
		L.circleMarker(at, { radius: 10, weight: 3, color: "#0a5c4d", fillColor: "#ffffff", fillOpacity: 1 }).bindPopup(words, { closeButton: false }).addTo(map);
		return at;
	});
	map.fitBounds(points, { padding: [30, 30], maxZoom: 14 });
}
