// The log: what happens, in order, each with the milliseconds since the page began. The driver
// reads it here; the page shows it to whoever looks for the reason of a failure.
window.notes = [];
window.note = (text) => {
    notes.push({ at: performance.now(), text });
    const line = document.createElement("li");
    line.textContent = `${performance.now().toFixed(0)} ms: ${text}`;
    document.querySelector("ol").append(line);
};

// Listened to before the socket does, so that the cause stands before what follows from it.
for (const name of ["visibilitychange", "freeze", "resume"]) {
    document.addEventListener(name, () => note(`page ${name}: ${document.visibilityState}`));
}
for (const name of ["pagehide", "pageshow"]) {
    addEventListener(name, (event) => note(`page ${name}: ${event.persisted ? "persisted" : "not persisted"}`));
}
for (const name of ["online", "offline"]) {
    addEventListener(name, () => note(`page ${name}`));
}

const program = await import("./pkg/eversocket_pages.js");
await program.default();
window.socket = program;
note("page ready");
