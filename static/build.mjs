// Bundles our CSS and JS with the libraries from node_modules into static/vendor/.
//
//   node static/build.mjs            once, minified
//   node static/build.mjs --watch    again at every change, readable
//
// A style sheet's layer is its folder: css/components/*.css and css/pages/*.css are all
// taken, in the order of their names, so that a new one needs no line elsewhere.

import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const watch = process.argv.includes("--watch");

function sheets(folder, layer) {
  return readdirSync(join(here, "css", folder))
    .filter((name) => name.endsWith(".css"))
    .sort()
    .map((name) => `@import "./${folder}/${name}" layer(${layer});`);
}

const layers = {
  name: "layers",
  setup(build) {
    build.onResolve({ filter: /^muster:app\.css$/ }, () => ({
      path: "app.css",
      namespace: "layers",
    }));
    build.onLoad({ filter: /.*/, namespace: "layers" }, () => ({
      contents: [
        "@layer reset, tokens, base, components, pages;",
        '@import "./reset.css" layer(reset);',
        '@import "./tokens.css" layer(tokens);',
        '@import "./base.css" layer(base);',
        ...sheets("components", "components"),
        ...sheets("pages", "pages"),
      ].join("\n"),
      loader: "css",
      resolveDir: join(here, "css"),
      watchDirs: [join(here, "css/components"), join(here, "css/pages")],
    }));
  },
};

const options = {
  entryPoints: [
    { in: "muster:app.css", out: "app" },
    { in: join(here, "css/admin.css"), out: "admin" },
    { in: join(here, "js/app.js"), out: "app" },
  ],
  outdir: join(here, "vendor"),
  bundle: true,
  minify: !watch,
  format: "iife",
  target: ["chrome123", "firefox128", "safari17.5"],
  legalComments: "linked",
  logLevel: watch ? "info" : "warning",
  plugins: [layers],
};

if (watch) {
  const context = await esbuild.context(options);
  await context.watch();
} else {
  await esbuild.build(options);
}
