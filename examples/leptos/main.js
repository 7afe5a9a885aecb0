// Starts the program, or says on the page why it cannot.
try {
    const { default: start } = await import("./pkg/eversocket_example_leptos.js");
    await start();
} catch (error) {
    document.body.textContent = "the program could not be loaded; was `wasm-pack build examples/leptos --target web` run?";
    console.error(error);
}
