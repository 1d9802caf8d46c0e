// Loaded by Node before jsii's kernel: the provider's modules are read at their first use.
//
// The provider's index.js requires all of them, 87 MB of JavaScript, of which a roster uses less
// than 1 MB. Each `exports.x = require("./x")` of it becomes a getter that requires the same
// file. An index.js of another form is left as it is, and is only slower.
"use strict";

const Module = require("node:module");

const INDEX = /[\\/]@cdktf[\\/]provider-kubernetes[\\/](?:.*[\\/])?lib[\\/]index\.js$/;
const EXPORT = /^exports\.(\w+) = (require\("[^"]+"\));$/gm;
const GETTER =
  'Object.defineProperty(exports, "$1", { configurable: true, enumerable: true, get: () => $2 });';

const compile = Module.prototype._compile;
Module.prototype._compile = function (source, file, ...rest) {
  return compile.call(this, INDEX.test(file) ? source.replace(EXPORT, GETTER) : source, file, ...rest);
};
