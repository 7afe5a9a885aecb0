// The floor: the browser's WebSocket, and bytes and texts made within the page.

let socket, wanted, done;

export async function open(url) {
    socket = new WebSocket(url);
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) => {
        // looked at, as any client does
        if ((data.byteLength ?? data.length) >= 0 && --wanted === 0) done();
    };
    await new Promise((open, failed) => {
        socket.onopen = open;
        socket.onerror = failed;
    });
}

export function receive(count) {
    wanted = count;
    return new Promise(all => done = all);
}

export async function send(isText, size, count) {
    const payload = isText ? "x".repeat(size) : new Uint8Array(size).fill(120);
    for (let sent = 0; sent < count; sent++) socket.send(payload);
}

export function close() {
    socket.onmessage = null;
    socket.close();
}

export default async function init() {}
