import { watch, type FSWatcher } from "node:fs";
import { basename, dirname } from "node:path";

/** The link that Kubernetes swaps when it replaces all files of a ConfigMap or Secret at once. */
const swappedLink = "..data";

/**
 * Hears of changes of one file by watching its folder: a file that is replaced is another one, and a watch of the old
 * one would hear nothing more.
 */
export class FolderWatch {
  readonly #file: string;
  readonly #changed: () => void;
  readonly #failed: (error: Error) => void;
  #watcher: FSWatcher | undefined;

  constructor(
    file: string,
    changed: () => void,
    failed: (error: Error) => void,
  ) {
    this.#file = file;
    this.#changed = changed;
    this.#failed = failed;
  }

  /** Starts, or starts anew on the folder that has the path now. Fails silently where there is none. */
  open(): void {
    this.close();
    const name = basename(this.#file);
    try {
      const watcher = watch(dirname(this.#file), (_event, changed) => {
        if (changed === null || changed === name || changed === swappedLink)
          this.#changed();
      });
      watcher.on("error", (error) => {
        this.close();
        this.#failed(error);
      });
      this.#watcher = watcher;
    } catch (error) {
      // Reading the file says the same, and better.
      if ((error as NodeJS.ErrnoException).code !== "ENOENT")
        this.#failed(error as Error);
    }
  }

  close(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
  }
}
