package dev.outboard.lab;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * User-mode Linux: a real kernel as an ordinary process, near native speed, with a vhost-user
 * frontend that leaves the config space and the control queue to the backend. Two oddities shape
 * its command line. Its console driver wants a descriptor that it can read and write and that
 * signals its input: pipes, the only thing Java gives a child, will not do, so socat relays them to
 * a socket pair. And a killed UML leaves helper processes behind: it gets a process namespace of
 * its own, whose end ends them all.
 */
public final class UmlGuest extends LinuxGuest {
  // setarch: with a randomized layout UML maps its memory twice over. SYSTEM: the kernel line has
  // colons and commas, which socat would take for its own; the shell takes it from the environment.
  private static final List<String> COMMAND =
      List.of(
          "unshare",
          "--pid",
          "--fork",
          "--kill-child=KILL",
          "--mount-proc",
          "setarch",
          "-R",
          "socat",
          "STDIO",
          "SYSTEM:exec $UML");

  private UmlGuest(GuestConfig config, String network) {
    super(config, COMMAND, Map.of("UML", kernelLine(config, network)));
  }

  /** A guest whose network device is served at the vhost-user socket, which must exist. */
  public static UmlGuest vhostUser(GuestConfig config, Path socket) {
    return new UmlGuest(config, " virtio_uml.device=" + socket + ":1");
  }

  /** A guest without a network. */
  public static UmlGuest isolated(GuestConfig config) {
    return new UmlGuest(config.withoutNetwork(), "");
  }

  private static String kernelLine(GuestConfig config, String network) {
    return "linux.uml mem="
        + config.memoryMib()
        + "M initrd="
        + GuestImage.get().initrd()
        + " con0=fd:0,fd:1 con=null ssl=null noreboot quiet loglevel=1"
        // Its control socket is not used; nothing can be written there, so nothing is left behind.
        + " uml_dir=/proc"
        + network
        + config.kernelArguments();
  }
}
