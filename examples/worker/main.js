// What is seen and pressed. The socket lives in the worker, and goes on when this page is busy.
const [state, reconnect, messages, form, name, text] =
    ["state", "reconnect", "messages", "form", "name", "text"].map(id => document.getElementById(id));

// Each message by its id: an own one is known again when it comes back from the room.
const items = new Map();
const sender = crypto.getRandomValues(new Uint32Array(2)).join("-");
let said = 0;
name.value = `guest-${sender.slice(0, 3)}`;

const told = {
    state({ words, waiting }) {
        state.textContent = words;
        reconnect.disabled = !waiting;
    },
    said({ from, text, id }) {
        const page = document.documentElement;
        const isAtEnd = page.scrollTop + page.clientHeight >= page.scrollHeight - 1;
        const item = mark(items.get(id) ?? add(from, text, id), "");
        // in the room's order, before those that are still on the way
        messages.insertBefore(item, messages.querySelector(".pending, .unknown, .failed"));
        if (isAtEnd) page.scrollTop = page.scrollHeight;
    },
    unknown({ ids }) {
        for (const id of ids) mark(items.get(id), "unknown", "perhaps not delivered").append(" ", again(id));
    },
    notSent({ ids }) {
        for (const id of ids) mark(items.get(id), "failed", "not sent");
    },
};

let worker = begin();

function begin() {
    const worker = new Worker(new URL("worker.js", import.meta.url), { type: "module" });
    worker.addEventListener("message", ({ data }) => told[data.kind](data));
    worker.addEventListener("error", ({ message }) => {
        told.state({ words: `closed: the worker failed: ${message ?? "it cannot be loaded"}`, waiting: false });
    });
    return worker;
}

// A browser may keep a page that is left, and freezes its worker then, with the socket in it.
addEventListener("pagehide", () => worker.terminate());
addEventListener("pageshow", ({ persisted }) => {
    if (!persisted) return;
    // nobody knows any more what the worker had sent of that
    told.unknown({ ids: [...items.keys()].filter(id => items.get(id).className === "pending") });
    worker = begin();
});

form.addEventListener("submit", event => {
    event.preventDefault();
    if (text.value === "") return;
    const id = `${sender}-${++said}`;
    say(add(name.value, text.value, id));
    text.value = "";
});
reconnect.addEventListener("click", () => worker.postMessage(["reconnect"]));

function add(from, text, id) {
    const item = document.createElement("li");
    Object.assign(item.dataset, { from, text, id });
    items.set(id, item);
    messages.append(item);
    return item;
}

function say(item) {
    mark(item, "pending").scrollIntoView({ block: "nearest" });
    const { from, text, id } = item.dataset;
    worker.postMessage(["say", from, text, id]);
}

/** Shows a message anew, with what became of it. */
function mark(item, fate, words = "") {
    item.className = fate;
    item.textContent = `${item.dataset.from}: ${item.dataset.text}`;
    if (words) {
        const note = document.createElement("small");
        note.textContent = words;
        item.append(" ", note);
    }
    return item;
}

function again(id) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "send again";
    button.addEventListener("click", () => {
        say(items.get(id));
        // the button is gone
        text.focus();
    });
    return button;
}
