"""`python tests/aws http://127.0.0.1:PORT`"""

import sys

from run import main

sys.exit(main())
