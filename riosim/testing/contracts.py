"""What every sandbox, controller, agent and monitor promises, as tests that a plug-in inherits.

```python
class TestMySandbox(SandboxContract):
    def make(self) -> Sandbox:
        return MySandbox()
```

pytest collects what is inherited; nothing else is needed. A sandbox that is slow to start can
override the fixture `sandbox` by one that is shared. The suites need pytest (`riosim[testing]`).
"""

from riosim.testing.agent_contract import AgentContract
from riosim.testing.controller_contract import ControllerContract
from riosim.testing.monitor_contract import MonitorContract
from riosim.testing.sandbox_contract import SandboxContract

__all__ = ["AgentContract", "ControllerContract", "MonitorContract", "SandboxContract"]
