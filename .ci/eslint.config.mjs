// How the page's JavaScript is linted: ESLint's recommended rules, and a few that keep small modules honest.
//
// The files of geo/draw/page are joined into one script, in which each is a constant that the others see. So each
// file is linted alone, with the constants of the others as its globals: a name that no file makes is an error. What
// noplan.js makes is made by others too, which take its place.

import { readdirSync, readFileSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { basename } from "node:path";

// npx keeps packages in a folder of its own, from which this file could not import them by name.
const require = createRequire(realpathSync(process.argv[1]));
const js = require("@eslint/js");
const globals = require("globals");

const FOLDER = "geo/draw/page";
const files = readdirSync(FOLDER).filter((name) => name.endsWith(".js"));
const made = new Map(files.map((name) => [name, namesIn(readFileSync(`${FOLDER}/${name}`, "utf-8"))]));

function namesIn(text) {
  return [...text.matchAll(/^(?:const|let|var|function|class) (\w+)/gm)].map((found) => found[1]);
}

function namesOfOthers(name) {
  const own = made.get(name);
  const others = files.flatMap((other) => made.get(other)).filter((other) => !own.includes(other));
  return Object.fromEntries(others.map((other) => [other, "readonly"]));
}

const RULES = {
  ...js.configs.recommended.rules,
  "no-unused-vars": ["error", { vars: "local", argsIgnorePattern: "^_" }],
  "consistent-return": "error",
  curly: ["error", "multi-line"],
  eqeqeq: "error",
  "no-eval": "error",
  "no-implied-eval": "error",
  "no-new-func": "error",
  "no-script-url": "error",
  "no-shadow": ["error", { builtinGlobals: false }],
  "no-use-before-define": ["error", { functions: false, variables: false }],
  "no-var": "error",
  "prefer-const": "error",
};

export default files.map((name) => ({
  name: basename(name, ".js"),
  files: [`${FOLDER}/${name}`],
  languageOptions: {
    ecmaVersion: 2022,
    sourceType: "script",
    globals: { ...globals.browser, L: "readonly", ...namesOfOthers(name) },
  },
  linterOptions: { reportUnusedDisableDirectives: "error" },
  rules: RULES,
}));
