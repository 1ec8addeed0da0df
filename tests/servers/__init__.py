"""Real servers for tests: private ones, on free ports of the loopback interface, in a temporary folder.

Those that tests share are started once per test run, also when pytest-xdist runs several workers. A small
guard process stands by each server and stops it when the run ends, in whatever way it ends.
"""
