// Echoes by Node's `ws`, with compression. Says its port; ends with its input.
const { WebSocketServer } = require(process.argv[2]);
const server = new WebSocketServer({
    host: "127.0.0.1",
    port: 0,
    perMessageDeflate: { threshold: 0, ...JSON.parse(process.argv[3] || "{}") },
});
server.on("listening", () => console.log(server.address().port));
server.on("connection", socket => socket.on("message", (data, binary) => socket.send(data, { binary, compress: true })));
process.stdin.on("end", () => process.exit()).resume();
