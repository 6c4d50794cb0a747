package dev.outboard.integration.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.outboard.integration.UserException;
import dev.outboard.integration.rest.ApiClient;
import dev.outboard.integration.wire.Json;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code outboard attach}: declares a guest and says what its VMM needs. */
@Command(
    name = "attach",
    description = {
      "Declare a guest and open its socket.",
      "Prints the socket's path and the arguments with which a VMM uses it."
    },
    mixinStandardHelpOptions = true)
final class AttachCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private ApiOption api;
  @Mixin private JsonOption json;

  @Option(names = "--id", required = true, description = "The guest's name, unique on this host.")
  private String id;

  @Option(names = "--tenant", description = "Who owns it (default: 'default').")
  private String tenant;

  @Option(names = "--network", paramLabel = "N", description = "Its network (default: 1).")
  private Integer network;

  @Option(names = "--mac", description = "Its MAC address (default: made from the id).")
  private String mac;

  @Option(
      names = "--ip",
      paramLabel = "ADDRESS",
      description = "An IP address it may use; can be repeated (default: any).")
  private List<String> addresses;

  @Option(
      names = "--socket",
      paramLabel = "PATH",
      description = "Its vhost-user socket (default: guests/ID.sock beside the API socket).")
  private Path socket;

  @Option(
      names = "--role",
      paramLabel = "server|client",
      description = "server: we listen, the VMM connects (default); client: the reverse.")
  private String role;

  @Option(
      names = "--mode",
      paramLabel = "OCTAL",
      description = "Permissions of the socket (default: 0600).")
  private String mode;

  @Option(names = "--uplink", paramLabel = "NAME", description = "The way off this host.")
  private String uplink;

  @Option(
      names = "--local-forwarding",
      paramLabel = "on|off",
      description = "Whether frames to guests of this host take shared memory (default: on).")
  private String localForwarding;

  @Option(
      names = "--frontend",
      paramLabel = "KIND",
      description =
          "Its VMM: generic (default), qemu, cloud-hypervisor, crosvm, libkrun, uml or"
              + " virtio-user.")
  private String frontend;

  @Option(
      names = "--vmm",
      paramLabel = "NAME",
      description =
          "Whose arguments are printed: qemu, cloud-hypervisor, crosvm, libkrun, libvirt or uml"
              + " (default: as --frontend says, else qemu).")
  private String vmm;

  @Option(
      names = "--queues",
      paramLabel = "N",
      description = "How many queue pairs its driver may use (default: 1).")
  private Integer queues;

  @Option(
      names = "--ring",
      paramLabel = "LAYOUT",
      description =
          "Which layout of virtqueues it is offered: auto (default; packed to qemu and virtio-user,"
              + " whose drivers may take it), split, or packed.")
  private String ring;

  @Option(
      names = "--class",
      paramLabel = "NAME",
      description = "What kind of guest it is, for routes to choose by (default: 'default').")
  private String guestClass;

  @Option(
      names = "--priority",
      paramLabel = "PRIORITY",
      description =
          "How urgent its frames are where they wait for others: latency, standard (default) or"
              + " bulk.")
  private String priority;

  @Override
  public Integer call() throws UserException, JsonProcessingException {
    VmmHint hint = VmmHint.named(vmm, frontend);
    try (ApiClient client = api.connect()) {
      String answer = client.call("PUT", Ids.path(id), request().toString());
      PrintWriter out = spec.commandLine().getOut();
      if (json.isSet()) {
        out.print(answer);
        out.flush();
      } else {
        explain(Json.api().readTree(answer), hint, out);
      }
    }
    return 0;
  }

  private ObjectNode request() {
    ObjectNode body = Json.api().createObjectNode();
    body.put("id", id);
    putIfGiven(body, "tenant", tenant);
    if (network != null) {
      body.put("network", network);
    }
    putIfGiven(body, "mac", mac);
    if (addresses != null) {
      addresses.forEach(body.putArray("addresses")::add);
    }
    putIfGiven(body, "socket", socket == null ? null : socket.toAbsolutePath().toString());
    putIfGiven(body, "role", role);
    putIfGiven(body, "mode", mode);
    putIfGiven(body, "uplink", uplink);
    putIfGiven(body, "local_forwarding", localForwarding);
    putIfGiven(body, "frontend", frontend);
    if (queues != null) {
      body.put("queues", queues);
    }
    putIfGiven(body, "ring", ring);
    putIfGiven(body, "class", guestClass);
    putIfGiven(body, "priority", priority);
    return body;
  }

  private static void putIfGiven(ObjectNode body, String key, String value) {
    if (value != null) {
      body.put(key, value);
    }
  }

  private void explain(JsonNode guest, VmmHint hint, PrintWriter out) {
    out.printf(
        "guest %s: network %s, tenant %s, MAC %s, MTU %s%n",
        id,
        guest.path("network").asText(),
        guest.path("tenant").asText(),
        guest.path("mac").asText(),
        guest.path("mtu").asText());
    for (JsonNode warning : guest.path("warnings")) {
      out.println("warning: " + warning.asText());
    }
    out.println("socket: " + guest.path("socket").asText());
    out.println();
    hint.of(guest).forEach(out::println);
    out.flush();
  }
}
