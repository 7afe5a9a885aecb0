// The worker: hands the page's orders to the program, and to the page what the program tells.
async function enter() {
    const { default: start, Chat } = await import("./pkg/eversocket_example_worker.js");
    await start();
    return new Chat("/room?name=lobby", told => postMessage(told));
}

const chat = enter();

// at once: what comes before the program is there waits for it, in order
onmessage = async ({ data: [order, ...words] }) => (await chat)[order](...words);
