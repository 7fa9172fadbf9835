// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// Put at the end of a page: what the browser made of it, as lines of its last element.

const lines = [];
const say = (name, value) => lines.push(name + "=" + value);
const style = getComputedStyle(document.body);
const inside = (box, frame) =>
	box.left >= frame.left - 1 && box.right <= frame.right + 1 &&
	box.top >= frame.top - 1 && box.bottom <= frame.bottom + 1;

// Contrast of text on paper, as WCAG 2 has it.
const channels = (colour) => colour.match(/[\d.]+/g).slice(0, 3).map((c) => c / 255);
const luminance = (colour) => {
	const [r, g, b] = channels(colour).map((c) =>
		c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
	return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const contrast = (ink, paper) => {
	const [dark, light] = [luminance(ink), luminance(paper)].sort((a, b) => a - b);
	return (light + 0.05) / (dark + 0.05);
};
const texts = [...document.querySelectorAll("body, p, td, th, dt, dd, li, svg text")];
const ink = (e) => e instanceof SVGElement ? getComputedStyle(e).fill : getComputedStyle(e).color;

say("paper", luminance(style.backgroundColor) > 0.5 ? "light" : "dark");
say("readable", texts.every((e) => contrast(ink(e), style.backgroundColor) >= 4.5));
say("requests", performance.getEntriesByType("resource").length);
say("scripts", document.querySelectorAll("script").length - 1);
say("wider", document.documentElement.scrollWidth > innerWidth);
say("images", document.querySelectorAll("svg").length);
say("outside", [...document.querySelectorAll("svg")].map((svg) =>
	[...svg.querySelectorAll("text, rect")].filter((e) =>
		!inside(e.getBoundingClientRect(), svg.getBoundingClientRect())).length)
	.reduce((a, b) => a + b, 0));
// Counts that something else is drawn over, or so near that it can't be read.
const counts = [...document.querySelectorAll(".diagram .count")];
const drawn = [...document.querySelectorAll(".diagram .state rect, .diagram .state .time")];
const apart = (a, b) =>
	a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top;
say("covered", counts.filter((count) => [...drawn, ...counts].some((e) =>
	e !== count && !apart(count.getBoundingClientRect(), e.getBoundingClientRect())))
	.map((e) => e.parentNode.querySelector("title").textContent).join("; "));
say("states", document.querySelectorAll(".diagram .state").length);
say("unknown", [...document.querySelectorAll(".diagram .edge.unknown title")]
	.map((e) => e.textContent).join("; "));
say("widest", [...document.querySelectorAll(".diagram .edge")]
	.sort((a, b) => b.querySelector("path").getAttribute("stroke-width") -
		a.querySelector("path").getAttribute("stroke-width"))[0]
	.querySelector("title").textContent.replace(/^.*: /, ""));
say("red", [...document.querySelectorAll(".diagram .edge.unknown path")].every((e) => {
	const [r, g, b] = channels(getComputedStyle(e).stroke);
	return r > 1.5 * g && r > 1.5 * b;
}));
const result = document.createElement("pre");
result.id = "measured";
result.textContent = "\n" + lines.join("\n") + "\n";
document.body.append(result);
