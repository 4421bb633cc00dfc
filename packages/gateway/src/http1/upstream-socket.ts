import { Socket } from "node:net";
import { afterPoll } from "./poll-phase.ts";

/**
 * A socket whose failed write does not at once throw away what the peer had sent before: an upstream that refuses an
 * upload answers and closes, and its answer waits in our receive buffer when the next write fails.
 */
export class UpstreamSocket extends Socket {
  #failed = false;

  /** Destroys the socket; after a failed write only when the event loop has polled it for what is left to read. */
  override destroy(error?: NodeJS.ErrnoException): this {
    if (error?.syscall !== "write" || this.destroyed)
      return super.destroy(error);
    if (!this.#failed) {
      this.#failed = true;
      // The first poll may be the one that is under way, past this socket.
      afterPoll(() => afterPoll(() => super.destroy(error)));
    }
    return this;
  }
}
