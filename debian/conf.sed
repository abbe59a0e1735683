# What is set in the configuration that the Debian package installs; everything else stays commented out.
s|^#listen = .*|listen = 127.0.0.1:1080|
s|^#user = .*|user = picosocks5|
s|^#control = .*|control = /run/picosocks5/control|
s|^#state = .*|state = /var/lib/picosocks5/state.json|
