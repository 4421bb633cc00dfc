import { serve } from "./service.ts";

let taken = 0;

await serve("payments", ({ method }) =>
  method === "POST"
    ? { status: 201, content: { payment: ++taken } }
    : { status: 200, content: { payments: taken } },
);
