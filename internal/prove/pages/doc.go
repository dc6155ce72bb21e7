// Package pages opens the pages of the program as it is shipped in a real browser, as people do: they find a button by
// its name and a field by its label, press keys, enlarge the page, prefer the dark, and have scripts or not. A page of a
// test fails it by itself when it asks another host for anything, breaks its own Content-Security-Policy or writes an
// error into the console; Check asks axe-core, tries the keyboard, and looks whether anything is too wide.
//
// It owns the site that is opened (site/), the browser and what is asked of every page; it must not know what a page is
// for. Pictures of the pages are kept in .cache/captures. Only tests import it.
package pages
