// Loaded by Node before jsii's kernel, to leave out what a synthesis by Python has no use for.
// A file of another form than is expected here is left as it is, and is only slower.
"use strict";

const Module = require("node:module");

// The provider's index.js requires all of its modules, 87 MB of JavaScript, of which a roster
// uses less than 1 MB. Each `exports.x = require("./x")` of it becomes a getter that requires the
// same file.
const INDEX = /[\\/]@cdktf[\\/]provider-kubernetes[\\/](?:.*[\\/])?lib[\\/]index\.js$/;
const EXPORT = /^exports\.(\w+) = (require\("[^"]+"\));$/gm;
const GETTER =
  'Object.defineProperty(exports, "$1", { configurable: true, enumerable: true, get: () => $2 });';

// CDKTF keeps a stack trace of each value, to print it with an error. Made for Python, it has
// nothing but jsii's own frames.
const TRACE = /[\\/]cdktf[\\/]lib[\\/]tokens[\\/]private[\\/]stack-trace\.js$/;
const NO_TRACE = "\nexports.captureStackTrace = () => [];\n";

function changed(source, file) {
  if (INDEX.test(file)) return source.replace(EXPORT, GETTER);
  if (TRACE.test(file)) return source + NO_TRACE;
  return source;
}

const compile = Module.prototype._compile;
Module.prototype._compile = function (source, file, ...rest) {
  return compile.call(this, changed(source, file), file, ...rest);
};
