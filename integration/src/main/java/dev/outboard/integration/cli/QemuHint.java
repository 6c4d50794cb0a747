package dev.outboard.integration.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/** The QEMU arguments for an attached guest, to copy and paste. Printed by {@code attach}. */
final class QemuHint {
  private static final int USUAL_MTU = 1500;

  private QemuHint() {}

  static List<String> lines(JsonNode guest) {
    boolean weListen = guest.path("role").asText().equals("server");
    int mtu = guest.path("mtu").asInt();
    int queues = guest.path("queues").asInt();
    String device =
        "netdev=net0,mac="
            + guest.path("mac").asText()
            + (mtu == USUAL_MTU ? "" : ",host_mtu=" + mtu)
            + (queues > 1 ? ",mq=on" : "");
    return List.of(
        "QEMU, machine type microvm (pc and q35: -device virtio-net-pci,"
            + device
            + " in place of the last line):",
        "  -M microvm,memory-backend=mem0 -m 512M \\",
        "  -object memory-backend-memfd,id=mem0,size=512M,share=on \\",
        "  -global virtio-mmio.force-legacy=false \\",
        "  -chardev socket,id=chr0,path="
            + guest.path("socket").asText()
            + (weListen ? ",reconnect=1" : ",server=on")
            + " \\",
        "  -netdev vhost-user,id=net0,chardev=chr0"
            + (queues > 1 ? ",queues=" + queues : "")
            + " \\",
        "  -device virtio-net-device," + device);
  }
}
