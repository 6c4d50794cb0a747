package dev.outboard.transport.iouring;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * A second network, joined to the calling thread's by a veth pair. A process keeps it, which ends
 * when this one does, however that happens: it reads from a pipe.
 */
final class OtherNetwork implements AutoCloseable {
  private static final long PATIENCE = 20_000_000_000L;
  private final Process keeper;

  private OtherNetwork(Process keeper) {
    this.keeper = keeper;
  }

  /** Joins a new network: here is this device, there that one. */
  static OtherNetwork joined(String here, String there) throws Exception {
    // What it prints says that it is in the new network.
    Process keeper =
        new ProcessBuilder("unshare", "-n", "sh", "-c", "echo ready; exec cat").start();
    OtherNetwork network = new OtherNetwork(keeper);
    try {
      if (keeper.getInputStream().read() != 'r') {
        throw new AssertionError("no network");
      }
      String pid = Long.toString(keeper.pid());
      Commands.run("ip", "link", "add", here, "type", "veth", "peer", "name", there, "netns", pid);
      return network;
    } catch (Exception | AssertionError e) {
      network.close();
      throw e;
    }
  }

  /** What a thread joins to be there. */
  Path path() {
    return Path.of("/proc", Long.toString(keeper.pid()), "ns", "net");
  }

  /** Runs commands of the shell there; returns what they print. */
  String run(String commands) throws Exception {
    return Commands.run(
        "nsenter", "-n", "-t", Long.toString(keeper.pid()), "sh", "-e", "-c", commands);
  }

  /** Waits until a device here is up at both ends, and its address (IPv6 takes a while) usable. */
  static void awaitUp(String device, String address) throws Exception {
    long deadline = System.nanoTime() + PATIENCE;
    while (!Commands.run("ip", "link", "show", device).contains(",LOWER_UP>")
        || !Commands.run("ip", "route", "get", address).contains("local")) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError(device + " does not come up");
      }
    }
  }

  @Override
  public void close() {
    keeper.destroyForcibly();
    Process _ = keeper.onExit().orTimeout(PATIENCE, TimeUnit.NANOSECONDS).join();
  }
}
