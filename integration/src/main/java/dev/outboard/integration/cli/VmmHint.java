package dev.outboard.integration.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.outboard.integration.UserException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** What a VMM needs to use an attached guest's socket, to copy and paste. Printed by attach. */
enum VmmHint {
  QEMU("qemu", "qemu", true) {
    @Override
    List<String> lines(Guest guest) {
      String device =
          "netdev=net0,mac="
              + guest.mac()
              + (guest.hasUsualMtu() ? "" : ",host_mtu=" + guest.mtu())
              + (guest.queues() > 1 ? ",mq=on" : "")
              + (guest.packed() ? ",packed=on" : "");
      return List.of(
          "QEMU, machine type microvm (pc and q35: -device virtio-net-pci,"
              + device
              + " in place of the last line):",
          "  -M microvm,memory-backend=mem0 -m 512M \\",
          "  -object memory-backend-memfd,id=mem0,size=512M,share=on \\",
          "  -global virtio-mmio.force-legacy=false \\",
          "  -chardev socket,id=chr0,path="
              + guest.socket()
              + (guest.vmmConnects() ? ",reconnect=1" : ",server=on")
              + " \\",
          "  -netdev vhost-user,id=net0,chardev=chr0"
              + (guest.queues() > 1 ? ",queues=" + guest.queues() : "")
              + " \\",
          "  -device virtio-net-device," + device);
    }
  },

  CLOUD_HYPERVISOR("cloud-hypervisor", "cloud-hypervisor", true) {
    @Override
    List<String> lines(Guest guest) {
      return List.of(
          "Cloud Hypervisor:",
          "  --memory size=512M,shared=on \\",
          "  --net vhost_user=true,socket="
              + guest.socket()
              + ",vhost_mode="
              + (guest.vmmConnects() ? "client" : "server")
              + ",mac="
              + guest.mac()
              + ",num_queues="
              + 2 * guest.queues()
              + (guest.hasUsualMtu() ? "" : ",mtu=" + guest.mtu()));
    }
  },

  CROSVM("crosvm", "crosvm", false) {
    @Override
    List<String> lines(Guest guest) {
      return List.of("crosvm:", "  --vhost-user net,socket=" + guest.socket());
    }
  },

  LIBKRUN("libkrun", "libkrun", false) {
    @Override
    List<String> lines(Guest guest) {
      String sizes = "256, ".repeat(2 * guest.queues()) + "64";
      return List.of(
          "libkrun, built with vhost-user (device type 1 is a network card):",
          "  uint16_t sizes[] = {" + sizes + "};",
          "  krun_add_vhost_user_device(ctx, 1, \""
              + guest.socket()
              + "\", \"net\", "
              + (2 * guest.queues() + 1)
              + ", sizes);");
    }
  },

  LIBVIRT("libvirt", "qemu", true) {
    @Override
    List<String> lines(Guest guest) {
      List<String> lines =
          new ArrayList<>(
              List.of(
                  "libvirt, inside <domain> (memory that is shared, once) and <devices>:",
                  "  <memoryBacking><source type='memfd'/><access mode='shared'/></memoryBacking>",
                  "",
                  "  <interface type='vhostuser'>",
                  "    <mac address='" + guest.mac() + "'/>"));
      if (guest.vmmConnects()) {
        lines.add("    <source type='unix' path='" + guest.socket() + "' mode='client'>");
        lines.add("      <reconnect enabled='yes' timeout='1'/>");
        lines.add("    </source>");
      } else {
        lines.add("    <source type='unix' path='" + guest.socket() + "' mode='server'/>");
      }
      lines.add("    <model type='virtio'/>");
      if (guest.queues() > 1 || guest.packed()) {
        lines.add(
            "    <driver"
                + (guest.queues() > 1 ? " queues='" + guest.queues() + "'" : "")
                + (guest.packed() ? " packed='on'" : "")
                + "/>");
      }
      if (!guest.hasUsualMtu()) {
        lines.add("    <mtu size='" + guest.mtu() + "'/>");
      }
      lines.add("  </interface>");
      return lines;
    }
  },

  UML("uml", "uml", true) {
    @Override
    List<String> lines(Guest guest) {
      return List.of(
          "User-mode Linux (setarch keeps its memory small):",
          "  setarch -R linux.uml mem=128M virtio_uml.device=" + guest.socket() + ":1");
    }
  };

  private static final int USUAL_MTU = 1500;

  private final String label;
  private final String frontend;
  private final boolean generic;

  /**
   * A VMM.
   *
   * @param frontend what its guests are declared with
   * @param generic whether 'generic' serves it, too
   */
  VmmHint(String label, String frontend, boolean generic) {
    this.label = label;
    this.frontend = frontend;
    this.generic = generic;
  }

  /** What of a guest stands in the arguments. */
  record Guest(
      String mac, String socket, boolean vmmConnects, int mtu, int queues, boolean packed) {
    boolean hasUsualMtu() {
      return mtu == USUAL_MTU;
    }
  }

  /** The arguments, as they are pasted. */
  abstract List<String> lines(Guest guest);

  /** For a guest as the API shows it, with a word on what does not fit. */
  final List<String> of(JsonNode guest) {
    boolean vmmConnects = guest.path("role").asText().equals("server");
    List<String> lines = new ArrayList<>();
    if (!vmmConnects && (this == CROSVM || this == LIBKRUN || this == UML)) {
      lines.add("warning: this VMM connects only; attach the guest with --role server");
    }
    String declared = guest.path("frontend").asText();
    if (!declared.equals(frontend) && !(generic && declared.equals("generic"))) {
      lines.add("warning: attach the guest with --frontend " + frontend + " for this VMM");
    }
    lines.addAll(
        lines(
            new Guest(
                guest.path("mac").asText(),
                guest.path("socket").asText(),
                vmmConnects,
                guest.path("mtu").asInt(),
                guest.path("queues").asInt(),
                guest.path("ring").asText().equals("packed"))));
    return lines;
  }

  /** The one that is meant by a name; without one, the one that the guest is declared with. */
  static VmmHint named(String name, String frontend) throws UserException {
    String wanted = name == null ? frontend : name;
    for (VmmHint hint : values()) {
      if (hint.label.equals(wanted)) {
        return hint;
      }
    }
    if (name == null) {
      return QEMU;
    }
    throw UserException.input("unknown VMM '" + name + "'; known: " + known(), null);
  }

  private static String known() {
    return Arrays.stream(values()).map(hint -> hint.label).collect(Collectors.joining(", "));
  }
}
