// The first file of each program: an older Node.js is told of in one line, before it reads what it cannot parse. So this file
// is of the JavaScript that all of them know (ES5). The arguments are the name of a module of dist/program, then its own.
'use strict';

var path = require('path');

/** sysexits(3): the system lacks what was needed to start. */
var EX_OSERR = 71;

var wanted = require('../package.json').engines.node.replace('>=', '');
var own = process.versions.node;
if (isOlder(own.split('.'), wanted.split('.'))) {
  var program = (process.argv[2] || 'main').replace('main', 'picosocks5');
  var what = [program + ': needs Node.js', wanted, 'or later;', process.execPath, 'is', own];
  process.stderr.write(what.join(' ') + '\n');
  process.exit(EX_OSERR);
}

if (process.argv.length > 2) {
  var file = path.join(__dirname, '../dist/program', process.argv[2] + '.js');
  process.argv.splice(1, 2, file);
  require('./load.cjs')(file);
}

function isOlder(own, other) {
  var major = own[0] - other[0];
  return major < 0 || (major === 0 && own[1] - other[1] < 0);
}
