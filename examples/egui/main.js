// Starts the chat on the canvas, or says in its place why it cannot.
const canvas = document.getElementById("chat");
try {
    const { default: load, start } = await import("./pkg/eversocket_example_egui.js");
    await load();
    await start(canvas);
} catch (error) {
    const text = document.createElement("p");
    text.setAttribute("role", "alert");
    text.textContent = `The chat could not be started: ${error.message ?? error}. It needs WebGL, and to be built by `
        + "`wasm-pack build examples/egui --target web`.";
    canvas.replaceWith(text);
    console.error(error);
}
