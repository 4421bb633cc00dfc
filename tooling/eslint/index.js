import tseslint from "typescript-eslint";

// Time and chance come from @dp/core's clock and random; these are the ways around them.
const injected =
  "Take time from an injected Clock and chance from an injected Random (@dp/core).";
const globals = ["setTimeout", "setInterval", "setImmediate"].map((name) => ({
  name,
  message: injected,
}));
const properties = [
  ["Date", "now"],
  ["performance", "now"],
  ["Math", "random"],
  ["crypto", "randomUUID"],
  ["crypto", "randomBytes"],
  ["process", "hrtime"],
  ["AbortSignal", "timeout"],
].map(([object, property]) => ({ object, property, message: injected }));
const modules = ["node:timers", "node:timers/promises", "timers"].map(
  (name) => ({ name, message: injected }),
);
const cryptoNames = {
  name: "node:crypto",
  importNames: ["randomUUID", "randomBytes", "randomInt"],
  message: injected,
};
const hooks = {
  name: "node:perf_hooks",
  importNames: ["performance"],
  message: injected,
};
const newDate = {
  selector: "NewExpression[callee.name='Date'][arguments.length=0]",
  message: injected,
};

export default tseslint.config(
  {
    ignores: [
      "**/dist/**",
      "**/node_modules/**",
      "**/.turbo/**",
      "**/.results/**",
    ],
  },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true } },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/switch-exhaustiveness-check": [
        "error",
        { considerDefaultExhaustiveForUnions: true },
      ],
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/restrict-template-expressions": [
        "error",
        { allowNumber: true, allowBoolean: true },
      ],
      "@typescript-eslint/no-confusing-void-expression": [
        "error",
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      "max-lines": [
        "error",
        { max: 250, skipBlankLines: true, skipComments: true },
      ],
    },
  },
  {
    files: ["packages/*/src/**/*.ts"],
    ignores: [
      "packages/core/src/{clock,random}.ts",
      "packages/core/src/testing/drain.ts",
      "packages/gateway/src/http1/poll-phase.ts",
      "packages/ratelimit/src/redis/end-of-turn.ts",
      "packages/saga/src/stores/sqlite/end-of-turn.ts",
    ],
    rules: {
      "no-restricted-globals": ["error", ...globals],
      "no-restricted-properties": ["error", ...properties],
      "no-restricted-imports": [
        "error",
        { paths: [...modules, cryptoNames, hooks] },
      ],
      "no-restricted-syntax": [
        "error",
        newDate,
        { selector: "ExportAllDeclaration", message: "Name every export." },
      ],
    },
  },
  {
    // Unit tests may be longer than sources.
    files: ["**/*.test.ts", "**/test/**/*.ts"],
    rules: {
      "max-lines": [
        "error",
        { max: 400, skipBlankLines: true, skipComments: true },
      ],
      "@typescript-eslint/no-non-null-assertion": "off",
    },
  },
  { files: ["**/*.js", "**/*.mjs"], ...tseslint.configs.disableTypeChecked },
);
