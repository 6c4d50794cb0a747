package dev.outboard.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A private network for a test: its bridges, TAPs and sockets are invisible to the host and to
 * other tests. No name is registered anywhere; a holder process keeps the namespace, so that it and
 * all its devices vanish with the test JVM.
 */
public final class Namespace implements AutoCloseable {
  private final Process holder;

  private Namespace(Process holder) {
    this.holder = holder;
  }

  /** A new namespace with its loopback up. */
  public static Namespace create() {
    Namespace namespace = new Namespace(Processes.start("unshare", "--net", "sleep", "infinity"));
    namespace.awaitUnshared();
    namespace.ip("link", "set", "lo", "up");
    return namespace;
  }

  /** The process that stands for it. */
  public long pid() {
    return holder.pid();
  }

  /** The command, changed to run inside. */
  public List<String> enter(List<String> command) {
    List<String> inside =
        new ArrayList<>(List.of("nsenter", "--target", "" + holder.pid(), "--net", "--"));
    inside.addAll(command);
    return inside;
  }

  /** Runs a command inside and returns its output. */
  public String run(String... command) {
    return Processes.run(enter(List.of(command)).toArray(String[]::new));
  }

  /** Runs {@code ip} inside. */
  public String ip(String... arguments) {
    List<String> command = new ArrayList<>(List.of("ip"));
    command.addAll(List.of(arguments));
    return run(command.toArray(String[]::new));
  }

  /** Adds a Linux bridge, up, with the TAPs as its ports: what hosts did before a sidecar. */
  public void bridge(String bridge, String... taps) {
    ip("link", "add", bridge, "type", "bridge");
    ip("link", "set", bridge, "up");
    for (String tap : taps) {
      tap(tap);
      ip("link", "set", tap, "master", bridge);
    }
  }

  /** Adds a persistent TAP, up, with virtio-net headers: what a VMM opens by name. */
  public void tap(String tap) {
    ip("tuntap", "add", "dev", tap, "mode", "tap", "vnet_hdr");
    ip("link", "set", tap, "up");
  }

  @Override
  public void close() {
    Processes.kill(holder);
  }

  /** The holder starts in the host's namespace: until it left that, entering would be wrong. */
  private void awaitUnshared() {
    try {
      Path own = Files.readSymbolicLink(Path.of("/proc/self/ns/net"));
      Path held = Path.of("/proc/" + holder.pid() + "/ns/net");
      for (int i = 0; i < 1000 && holder.isAlive(); i++) {
        if (!Files.readSymbolicLink(held).equals(own)) {
          return;
        }
        Thread.sleep(5);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw Processes.interrupted(e);
    }
    throw new IllegalStateException("cannot make a network namespace (root is needed)");
  }
}
