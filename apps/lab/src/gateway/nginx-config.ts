import { join } from "node:path";

// The default ends a connection after 1000 requests, and a new one costs more than a request.
const forever = "keepalive_requests 1000000000;";

/** A whole nginx configuration around the content of its `http` block: one worker, in the foreground, its files in `folder`. */
export const nginxConfig = (folder: string, http: string): string => {
  const file = (name: string): string => JSON.stringify(join(folder, name));
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (name) => `${name}_temp_path ${file(name)};`,
  );
  return `daemon off;
worker_processes 1;
${process.getuid?.() === 0 ? "user root;" : ""}
pid ${file("nginx.pid")};
error_log stderr warn;
events { worker_connections 1024; }
http {
  ${temporary.join("\n  ")}
  keepalive_timeout 600s;
  ${forever}
  ${http}
}
`;
};

/** How nginx is told to use `file` as its configuration; the error log of its first moments goes to stderr too. */
export const nginxArguments = (file: string): readonly string[] => [
  "-e",
  "stderr",
  "-c",
  file,
];
