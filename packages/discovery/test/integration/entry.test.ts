import { execFileSync } from "node:child_process";
import { expect, it } from "vitest";

/** Everything that importing this entry imports, by another process. */
const importsOf = (entry: string): string[] => {
  const program = `
    import { registerHooks } from "node:module";
    const seen = [];
    registerHooks({
      resolve: (specifier, context, next) => {
        seen.push(specifier);
        return next(specifier, context);
      },
    });
    await import(${JSON.stringify(entry)});
    console.log(JSON.stringify(seen));
  `;
  const options = { cwd: import.meta.dirname, encoding: "utf8" } as const;
  const args = ["--conditions=@dp/source", "--input-type=module", "-e"];
  return JSON.parse(
    execFileSync(process.execPath, [...args, program], options),
  ) as string[];
};

it("loads with the main entry neither HTTP nor an optional package, and with no entry a client of a store", () => {
  const main = importsOf("@dp/discovery");
  expect(main).toContain("node:fs/promises");
  for (const heavy of ["node:http", "node:https", "node:http2", "yaml"])
    expect(main).not.toContain(heavy);
  for (const entry of ["etcd", "consul", "redis", "kubernetes", "testing"]) {
    const seen = importsOf(`@dp/discovery/${entry}`);
    const packages = seen.filter((each) => /^(?!node:|\.|@dp\/)/.test(each));
    expect(packages, entry).toEqual([]);
  }
});
