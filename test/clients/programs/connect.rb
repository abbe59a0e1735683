# connect.rb HOST PROXY [USER PASSWORD]: socksify takes every TCPSocket of Ruby to the proxy.
require 'socksify'
host, TCPSocket.socks_server, TCPSocket.socks_username, TCPSocket.socks_password = ARGV
TCPSocket.socks_port = 1080
socket = TCPSocket.new(host, 80)
socket.write("GET / HTTP/1.0\r\n\r\n")
puts socket.read
