document.getElementById("copy").addEventListener("click", () => {
  const box = document.getElementById("link");
  box.select();
  document.execCommand("copy");
  document.getElementById("said").textContent = "Copied.";
});
