
"use strict";
document.querySelector(".tools").hidden = false;
document.getElementById("mode").addEventListener("click", () => {
  const root = document.documentElement;
  const dark = root.dataset.mode
    ? root.dataset.mode === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.mode = dark ? "light" : "dark";
});
const raw = new Blob([document.getElementById("raw").textContent.trim() + "\n"],
  { type: "application/json" });
document.getElementById("download").href = URL.createObjectURL(raw);
