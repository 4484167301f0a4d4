package struct CLIPSelf {}
