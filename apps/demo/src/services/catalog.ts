import { serve } from "./service.ts";

const items = [
  { id: "1", name: "lamp", price: 3900 },
  { id: "2", name: "chair", price: 12_500 },
  { id: "3", name: "desk", price: 48_000 },
];

await serve("catalog", ({ method, path: [kind, id] }) => {
  if (method !== "GET" && method !== "HEAD")
    return { status: 405, content: { problem: "the catalog is only read" } };
  if (kind !== "items")
    return { status: 404, content: { problem: "try items" } };
  if (id === undefined) return { status: 200, content: items };
  const item = items.find((each) => each.id === id);
  return item === undefined
    ? { status: 404, content: { problem: `no item ${id}` } }
    : { status: 200, content: item };
});
