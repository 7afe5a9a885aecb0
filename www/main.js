// Starts the program, or says on the page why it cannot.
try {
    const { default: start } = await import("./pkg/eversocket_www.js");
    await start();
} catch (error) {
    const state = document.getElementById("state");
    state.textContent = "the page's program could not be loaded; was `wasm-pack build www --target web` run?";
    console.error(error);
}
