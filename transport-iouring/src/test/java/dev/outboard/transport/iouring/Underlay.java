package dev.outboard.transport.iouring;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.outboard.linux.Links;
import dev.outboard.linux.Namespaces;
import dev.outboard.linux.Processes;

/** Two hosts' addresses in a network of the test's own: both on its loopback device. */
enum Underlay {
  IPV4("127.0.0.2", "127.0.0.3", "127.0.0.4"),
  IPV6("fd00::2", "fd00::3", "fd00::4");

  final String here;
  final String there;
  final String stranger;

  Underlay(String here, String there, String stranger) {
    this.here = here;
    this.there = there;
    this.stranger = stranger;
  }

  /** What runs between two hosts. */
  interface Task {
    void run(Host here, Host there) throws Exception;
  }

  /** Runs a task on a thread in a private network, with two hosts that have a worker each. */
  void run(Task task, String... settings) throws Exception {
    inPrivateNetwork(
        () -> {
          try (Host one = Host.open(here, settings);
              Host two = Host.open(there, settings)) {
            task.run(one, two);
          }
        });
  }

  /** What runs in a private network. */
  interface Body {
    void run() throws Exception;
  }

  /** Runs it on a thread in a private network where the addresses are. */
  void inPrivateNetwork(Body body) throws Exception {
    assumeTrue(Processes.isRoot(), "network namespaces need root: sudo ./check");
    Namespaces.inPrivateNetwork(
        () -> {
          addAddresses();
          body.run();
          return null;
        });
  }

  /** Moves the calling thread to a private network where the addresses are. */
  void enterPrivateNetwork() throws Exception {
    assumeTrue(Processes.isRoot(), "network namespaces need root: sudo ./check");
    Namespaces.unshareNetwork();
    addAddresses();
  }

  private void addAddresses() throws Exception {
    Links.setUp("lo");
    if (this == IPV6) {
      for (String address : new String[] {here, there, stranger}) {
        Commands.run("ip", "address", "add", address + "/128", "dev", "lo", "nodad");
      }
      awaitRoutes();
    }
  }

  /** The kernel makes the routes of IPv6 addresses later, on a thread of its own. */
  private void awaitRoutes() throws Exception {
    long deadline = System.nanoTime() + 20_000_000_000L;
    for (String address : new String[] {here, there, stranger}) {
      while (!Commands.run("ip", "-6", "route", "show", "table", "local").contains(address + " ")) {
        if (System.nanoTime() > deadline) {
          throw new AssertionError("no route to " + address);
        }
      }
    }
  }
}
