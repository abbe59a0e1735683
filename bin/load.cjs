// Apart from start.cjs, because Node.js 8 and older cannot even parse import(). The daemon runs when it is imported, as it does
// in the background; the other programs say what their main is.
'use strict';

const { pathToFileURL } = require('url');

module.exports = async (file) => {
  const { main } = await import(pathToFileURL(file));
  if (main !== undefined) process.exitCode = await main(process.argv.slice(2));
};
