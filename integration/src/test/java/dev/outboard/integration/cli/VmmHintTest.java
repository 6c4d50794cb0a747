package dev.outboard.integration.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.outboard.integration.UserException;
import dev.outboard.integration.wire.Json;
import dev.outboard.integration.wire.Names;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.w3c.dom.Element;
import org.xml.sax.InputSource;

/** What attach prints for each VMM; QuickStartTest boots a guest with what it prints for QEMU. */
class VmmHintTest {
  private static final String PATH = "/run/outboard/guests/a.sock";

  static Stream<Arguments> differences() {
    return Stream.of(
        arguments(VmmHint.QEMU, guest("server", 1, 1500), "path=" + PATH + ",reconnect=1 "),
        arguments(VmmHint.QEMU, guest("client", 1, 1500), "path=" + PATH + ",server=on "),
        arguments(VmmHint.QEMU, guest("server", 4, 1450), ",host_mtu=1450,mq=on"),
        arguments(VmmHint.QEMU, packed(guest("server", 1, 1500)), ",packed=on"),
        arguments(
            VmmHint.LIBVIRT, packed(guest("server", 4, 1500)), "<driver queues='4' packed='on'/>"),
        arguments(VmmHint.QEMU, guest("server", 4, 1500), "chardev=chr0,queues=4 "),
        arguments(VmmHint.CLOUD_HYPERVISOR, guest("server", 4, 1450), ",num_queues=8,mtu=1450"),
        arguments(VmmHint.CLOUD_HYPERVISOR, guest("client", 1, 1500), ",vhost_mode=server,"),
        arguments(VmmHint.CROSVM, guest("server", 1, 1500), "--vhost-user net,socket=" + PATH),
        arguments(VmmHint.LIBKRUN, guest("server", 1, 1500), "\"net\", 3, sizes"),
        arguments(VmmHint.LIBKRUN, guest("server", 2, 1500), "{256, 256, 256, 256, 64}"),
        arguments(VmmHint.LIBVIRT, guest("server", 4, 1450), "<driver queues='4'/>"),
        arguments(VmmHint.LIBVIRT, guest("server", 4, 1450), "<mtu size='1450'/>"),
        arguments(VmmHint.LIBVIRT, guest("server", 1, 1500), "<reconnect enabled='yes'"),
        arguments(VmmHint.LIBVIRT, guest("client", 1, 1500), "mode='server'/>"),
        arguments(VmmHint.UML, guest("server", 1, 1500), "virtio_uml.device=" + PATH + ":1"));
  }

  @ParameterizedTest
  @MethodSource("differences")
  void whatWasDeclaredStandsInTheArguments(VmmHint vmm, JsonNode guest, String expected) {
    String text = String.join("\n", vmm.of(guest));
    assertTrue(text.contains(expected), text);
  }

  @ParameterizedTest
  @EnumSource
  void whoMayNotKnowTheMacIsToldIt(VmmHint vmm) {
    boolean readsItFromUs = List.of(VmmHint.CROSVM, VmmHint.LIBKRUN, VmmHint.UML).contains(vmm);
    String text = String.join("\n", vmm.of(guest("server", 1, 1500)));
    assertEquals(!readsItFromUs, text.contains("02:00:00:00:00:01"), text);
  }

  @Test
  void aVmmThatNeedsMoreFromUsIsToBeDeclared() {
    String undeclared = VmmHint.CROSVM.of(guest("server", 1, 1500)).getFirst();
    assertEquals("warning: attach the guest with --frontend crosvm for this VMM", undeclared);
    JsonNode declared = guest("server", 1, 1500).put("frontend", "crosvm");
    assertFalse(VmmHint.CROSVM.of(declared).getFirst().startsWith("warning"));
  }

  @ParameterizedTest
  @EnumSource
  void theGuideShowsTheSame(VmmHint vmm) throws IOException {
    String guide = Files.readString(Path.of("../docs/attach-your-vmm.md"));
    ObjectNode one =
        guest("server", vmm == VmmHint.LIBVIRT ? 4 : 1, vmm == VmmHint.LIBVIRT ? 1450 : 1500)
            .put("frontend", vmm == VmmHint.LIBVIRT ? "qemu" : Names.lower(vmm))
            .put("socket", "/run/outboard/guests/one.sock")
            .put("mac", "02:35:ad:c3:92:76");
    for (String line : vmm.of(one).stream().skip(1).toList()) {
      String bare = line.replace("\\", "");
      assertTrue(withoutSpace(guide).contains(withoutSpace(bare)), line);
    }
  }

  private static String withoutSpace(String text) {
    return text.replaceAll("\\s", "");
  }

  @Test
  void theXmlIsWellFormed() throws Exception {
    List<String> lines = VmmHint.LIBVIRT.of(guest("server", 4, 1450));
    String xml = "<domain>" + String.join("\n", lines.subList(1, lines.size())) + "</domain>";
    Element domain =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(new InputSource(new StringReader(xml)))
            .getDocumentElement();
    Element source = (Element) domain.getElementsByTagName("source").item(1);
    assertEquals(PATH, source.getAttribute("path"));
  }

  @Test
  void theVmmIsTheOneThatIsNamedOrDeclaredOrQemu() throws UserException {
    assertEquals(VmmHint.LIBVIRT, VmmHint.named("libvirt", "qemu"));
    assertEquals(VmmHint.CROSVM, VmmHint.named(null, "crosvm"));
    assertEquals(VmmHint.QEMU, VmmHint.named(null, null));
    UserException unknown = assertThrows(UserException.class, () -> VmmHint.named("xen", null));
    assertEquals(
        "unknown VMM 'xen'; known: qemu, cloud-hypervisor, crosvm, libkrun, libvirt, uml",
        unknown.getMessage());
  }

  private static ObjectNode packed(ObjectNode guest) {
    return guest.put("ring", "packed");
  }

  private static ObjectNode guest(String role, int queues, int mtu) {
    return Json.api()
        .createObjectNode()
        .put("mac", "02:00:00:00:00:01")
        .put("socket", PATH)
        .put("role", role)
        .put("frontend", "generic")
        .put("mtu", mtu)
        .put("queues", queues);
  }
}
