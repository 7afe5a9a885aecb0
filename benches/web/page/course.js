// Runs one lap of one client; the arena calls it.

const clients = {};
let longTasks = 0;
const observer = new PerformanceObserver(list => list.getEntries().forEach(task => longTasks += task.duration));
if (PerformanceObserver.supportedEntryTypes.includes("longtask")) observer.observe({ type: "longtask" });

window.load = async (name, script) => {
    const client = await import(script);
    await client.default();
    clients[name] = client;
};

// Milliseconds by the clock, and of tasks above 50 ms.
window.lap = async (name, url, job, isText, size, count) => {
    const client = clients[name];
    await client.open(url);
    longTasks = 0;
    const start = performance.now();
    if (job === "receive") {
        const all = client.send(true, 2, 1).then(() => client.receive(count));
        await all;
    } else {
        await client.send(isText, size, count);
        // the server says that all have come
        await client.receive(1);
    }
    const wall = performance.now() - start;
    client.close();
    return [wall, longTasks];
};
window.ready = true;
