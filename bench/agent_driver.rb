# Deploys with CodeDeploy's agent: for each line of standard input, which names a bundle, one line of what came of it.
#
#     ruby agent_driver.rb CHECKOUT     # of https://github.com/aws/aws-codedeploy-agent
#
# In:  {"root": FOLDER, "bundle": ZIP, "seconds": LIMIT}   FOLDER is the try's own; its conf.yml is the agent's
# Out: {"verdict": "taken" | "refused" | "hang", "why": TEXT}
#
# Each try is a process of its own, with a folder of its own as working directory and as home, and is ended after its limit.
require 'json'

checkout = ARGV.fetch(0)
$LOAD_PATH.unshift(File.join(checkout, 'lib'), *Dir[File.join(checkout, 'vendor/gems/*/lib')])
require 'yaml'
require 'aws/codedeploy/local/deployer'
# The daemon loads these, and the local runner leaves them out.
%w[ace_info acl_info context_info range_info].each do |name|
  require "instance_agent/plugins/codedeploy/application_specification/#{name}"
end

def deploy(root, bundle)
  Dir.chdir(File.join(root, 'here'))
  ENV['HOME'] = root
  [$stdout, $stderr].each { |stream| stream.reopen(File.join(root, 'output'), 'a') }
  # The second time as the release after: the agent removes what the first made.
  2.times do
    AWS::CodeDeploy::Local::Deployer.new(File.join(root, 'conf.yml')).execute_events(
      '--bundle-location' => bundle, '--type' => 'zip', '--deployment-group' => 'group',
      '--file-exists-behavior' => 'DISALLOW'
    )
  end
  { verdict: 'taken', why: '' }
rescue Exception => e
  { verdict: 'refused', why: "#{e.class}: #{e.message}".scrub }
end

def finished?(child, seconds)
  last = Process.clock_gettime(Process::CLOCK_MONOTONIC) + seconds
  while Process.clock_gettime(Process::CLOCK_MONOTONIC) < last
    return true if Process.wait(child, Process::WNOHANG)

    sleep 0.01
  end
  Process.kill('KILL', -child)
  Process.wait(child)
  false
end

$stdout.sync = true
$stdin.each_line do |line|
  try = JSON.parse(line)
  answer = File.join(try['root'], 'answer')
  child = fork do
    Process.setpgid(0, 0)
    File.write(answer, JSON.generate(deploy(try['root'], try['bundle'])))
    exit!(0)
  end
  if !finished?(child, try['seconds'])
    puts JSON.generate(verdict: 'hang', why: "not at its end after #{try['seconds']} seconds")
  elsif File.exist?(answer)
    puts File.read(answer)
  else
    puts JSON.generate(verdict: 'refused', why: 'it ended without an answer')
  end
end
