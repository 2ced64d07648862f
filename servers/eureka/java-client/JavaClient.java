import com.netflix.appinfo.ApplicationInfoManager;
import com.netflix.appinfo.InstanceInfo;
import com.netflix.appinfo.MyDataCenterInstanceConfig;
import com.netflix.appinfo.providers.EurekaConfigBasedInstanceInfoProvider;
import com.netflix.discovery.DefaultEurekaClientConfig;
import com.netflix.discovery.DiscoveryClient;
import com.netflix.discovery.shared.Application;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Netflix's client, driven over its standard input: one command a line, one answer a line.
 *
 * <pre>
 * app NAME             the instances of an application that it sees, separated by blanks:
 *                      ID|STATUS|HOST|PORT|is open|SECURE PORT|is open|k=v,k=v
 * vip NAME             the same by VIP address
 * svip NAME            the same by secure VIP address
 * id ID                the same by id
 * hash                 the hash code of its registry
 * status UP            sets its own status
 * meta KEY VALUE       sets its own metadata
 * remote               the status of it that the registry reports
 * stop                 deregisters and ends
 * </pre>
 */
public class JavaClient {
  public static void main(String[] args) throws Exception {
    var config = new MyDataCenterInstanceConfig();
    var manager = new ApplicationInfoManager(config, new EurekaConfigBasedInstanceInfoProvider(config).get());
    var client = new DiscoveryClient(manager, new DefaultEurekaClientConfig());
    System.out.println("ready");
    var lines = new BufferedReader(new InputStreamReader(System.in));
    for (String line; (line = lines.readLine()) != null; ) {
      String[] words = line.trim().split(" ");
      switch (words[0]) {
        case "app" -> {
          Application app = client.getApplication(words[1]);
          System.out.println(app == null ? "none" : listed(app.getInstances()));
        }
        case "vip" -> System.out.println(listed(client.getInstancesByVipAddress(words[1], false)));
        case "svip" -> System.out.println(listed(client.getInstancesByVipAddress(words[1], true)));
        case "id" -> System.out.println(listed(client.getInstancesById(words[1])));
        case "hash" -> System.out.println(client.getApplications().getReconcileHashCode());
        case "status" -> {
          manager.setInstanceStatus(InstanceInfo.InstanceStatus.valueOf(words[1]));
          System.out.println("ok");
        }
        case "meta" -> {
          manager.registerAppMetadata(java.util.Map.of(words[1], words[2]));
          System.out.println("ok");
        }
        case "remote" -> System.out.println(client.getInstanceRemoteStatus());
        case "stop" -> {
          client.shutdown();
          System.out.println("stopped");
          return;
        }
        default -> System.out.println("unknown: " + words[0]);
      }
    }
    client.shutdown();
  }

  private static String listed(java.util.List<InstanceInfo> instances) {
    if (instances.isEmpty()) return "none";
    return instances.stream().map(JavaClient::one).sorted().collect(Collectors.joining(" "));
  }

  private static String one(InstanceInfo info) {
    String metadata = info.getMetadata().entrySet().stream()
        .map((entry) -> entry.getKey() + "=" + entry.getValue()).sorted().collect(Collectors.joining(","));
    return Stream.of(info.getId(), info.getStatus(), info.getHostName(),
            info.getPort(), info.isPortEnabled(InstanceInfo.PortType.UNSECURE),
            info.getSecurePort(), info.isPortEnabled(InstanceInfo.PortType.SECURE), metadata)
        .map(String::valueOf).collect(Collectors.joining("|"));
  }
}
