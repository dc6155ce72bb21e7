// What the pages do better with a script than without. Each part looks for its own element, and leaves the page as it is
// where something is missing.
"use strict";

// What is to be corrected is read first.
document.querySelector(".erreurs")?.focus();

// "Autour de moi": the position goes into the address of the search, once, when it is asked for.
for (const button of document.querySelectorAll("[data-autour]")) {
	if (!navigator.geolocation) continue;
	const said = document.getElementById(button.dataset.autour);
	button.hidden = false;
	button.addEventListener("click", () => {
		said.textContent = "Recherche de votre position…";
		navigator.geolocation.getCurrentPosition(
			({ coords }) => {
				const form = button.form;
				form.elements.ou.value = "";
				form.elements.lat.value = coords.latitude.toFixed(3); // a hundred metres are enough
				form.elements.lon.value = coords.longitude.toFixed(3);
				form.elements.lat.disabled = form.elements.lon.disabled = false;
				form.submit();
			},
			() => { said.textContent = "Votre position n'est pas connue : écrivez une commune."; },
			{ timeout: 10000, maximumAge: 600000 },
		);
	});
}

// The time that a slot is still kept.
for (const left of document.querySelectorAll("[data-jusqua]")) {
	const end = Date.now() + Number(left.dataset.jusqua) * 1000;
	const minutes = () => {
		const seconds = Math.max(0, Math.round((end - Date.now()) / 1000));
		left.textContent = seconds >= 120 ? `encore ${Math.floor(seconds / 60)} minutes`
			: seconds > 0 ? "encore moins de deux minutes" : "le délai est passé : envoyez tout de même, un autre créneau vous sera proposé s'il est pris";
		if (seconds > 0) setTimeout(minutes, 5000);
	};
	minutes();
}

for (const button of document.querySelectorAll("[data-imprimer]")) {
	button.hidden = false;
	button.addEventListener("click", () => print());
}

// Whoever sends a form twice sends it once. What it does is done once anyway.
for (const form of document.querySelectorAll("form[method=post]")) {
	form.addEventListener("submit", (event) => {
		if (form.dataset.parti) event.preventDefault();
		form.dataset.parti = "oui";
	});
}
addEventListener("pageshow", () => {
	for (const form of document.querySelectorAll("form[data-parti]")) delete form.dataset.parti;
});

// The State's design system, where it is, is told that it is dark: its colours do not follow the browser by themselves.
if (document.documentElement.dataset.frScheme) {
	const dark = matchMedia("(prefers-color-scheme: dark)");
	const follow = () => { document.documentElement.dataset.frTheme = dark.matches ? "dark" : "light"; };
	dark.addEventListener("change", follow);
	follow();
}
