# Runs a command whose standard error is read at a limited speed, as by a log daemon that is slow; what was read goes to our own.
# usage: slowreader.py LINES-PER-SECOND COMMAND...
import os, sys, time

rate = int(sys.argv[1])
batch = max(1, rate // 20)
output, input = os.pipe()
if os.fork() > 0:
    os.close(output)
    os.dup2(input, 2)
    os.execvp(sys.argv[2], sys.argv[2:])
os.close(input)
with os.fdopen(output, "rb", 4096) as lines:
    for number, line in enumerate(lines, 1):
        os.write(2, line)
        if number % batch == 0:
            time.sleep(batch / rate)
